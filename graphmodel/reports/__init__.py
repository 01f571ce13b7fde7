"""Documents for people: what an assessment says, by audience, as HTML, PDF, Word and Excel files."""
