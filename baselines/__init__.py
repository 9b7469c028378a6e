"""Baselines: scikit-learn estimators over pairs (`fit(pairs, labels)`, `predict_proba(pairs)`, `classes_`)."""
