"""Against a real vLLM on the CPU: `make test-vllm`. Slow to install, so no part of `make test`."""
