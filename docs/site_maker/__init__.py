"""What makes the site of the documentation: ``mkdocs.yml`` runs ``hooks.py``."""
