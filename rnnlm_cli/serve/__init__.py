"""Models asked over HTTP, in the form of OpenAI's completions and in forms of its own."""
