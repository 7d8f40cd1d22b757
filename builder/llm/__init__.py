"""A model of any OpenAI-compatible server: who is asked, how, and what came back."""
