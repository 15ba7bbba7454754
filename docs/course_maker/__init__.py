"""What makes the generated parts of the course; ``docs/make_course.py`` runs it."""
