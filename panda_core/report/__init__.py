"""From records to what a reader sees: figures, tables, sentences, provenance."""
