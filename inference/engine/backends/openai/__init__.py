"""Any server that speaks the OpenAI chat API as a model of this guide."""
