"""The grader's side: sends requests, answers callbacks, looks at what was delivered."""
