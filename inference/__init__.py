"""What happens when a reader presses Try it: runs, their queue, their stream, and the engine."""
