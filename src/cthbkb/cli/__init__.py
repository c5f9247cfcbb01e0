"""The Typer program: help, completion, abbreviations and errors of use; made of `catalog`, the one home of typer."""
