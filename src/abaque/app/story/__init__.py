"""The story that `make run` plays: six months of a document-processing SaaS, on the running system."""
