"""What a request asks for: files, ids, fields and figures, read out of prose and checks."""
