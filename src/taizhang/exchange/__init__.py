"""Room 4: foreign form in and out; no rules of its own."""
