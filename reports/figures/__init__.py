"""Charts as plain data in plotly's terms: pure functions from rows, drawn by static/js/chart.js."""
