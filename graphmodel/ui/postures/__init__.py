"""The tabs of the page Assess that show what answers and graph amount to."""
