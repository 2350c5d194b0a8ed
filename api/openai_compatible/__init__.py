"""OpenAI's API over our own services: nothing here searches, answers or judges by itself."""
