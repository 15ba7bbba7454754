"""The report: figures of models and trainings as one HTML page, without scripts or links."""
