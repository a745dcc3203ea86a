"""One module per contending client; each is also the script whose cold start is measured."""
