"""What the pages are drawn and built with: the timelines, and the site."""
