"""Documents for people: what an assessment says, by audience, as HTML, PDF and Word files."""
