"""Where models and data come from: DVC, MLflow, OpenLineage, Croissant, cards, fine-tuning, dbt and Kedro."""
