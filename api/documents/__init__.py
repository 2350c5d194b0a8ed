"""Documents over HTTP: uploads, job streams, page images, URL imports."""
