"""From the site to a live page: the app repository, git, GitHub Pages."""
