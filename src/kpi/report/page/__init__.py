"""A report as one page: texts by language, small cells hidden, HTML and Markdown (R1 to R13)."""
