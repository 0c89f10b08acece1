"""Every way in which the engine says no, as a name and a sentence that says what to do."""


class EngineError(Exception):
    """The root of all refusals of the engine; its text is meant for a person."""


class InvalidRequest(EngineError, ValueError):
    """A request or a setting is outside of what is allowed."""


class EmptyPrompt(InvalidRequest):
    """The messages hold nothing that a model could read."""

    def __init__(self) -> None:
        super().__init__("The prompt is empty. Write something for the model to answer.")


class PromptTooLong(InvalidRequest):
    """The prompt leaves no room for even one generated token."""

    def __init__(self, prompt_tokens: int, context: int) -> None:
        super().__init__(
            f"The prompt is {prompt_tokens} tokens long, and this model reads at most "
            f"{context - 1}. Shorten the prompt."
        )
        self.prompt_tokens = prompt_tokens
        self.context = context


class PromptRefused(InvalidRequest):
    """The chat template of the model does not accept these messages."""


class UnknownToken(InvalidRequest):
    """A request names a token id that the model does not have."""

    def __init__(self, token: int, vocabulary: int) -> None:
        super().__init__(
            f"There is no token {token}: this model has tokens from 0 to {vocabulary - 1}."
        )


class BudgetTooSmall(InvalidRequest):
    """The memory for keys and values could not hold this request even if it were alone."""

    def __init__(self, tokens: int, most: int) -> None:
        super().__init__(
            f"Prompt and answer may take {tokens} tokens together, and this engine has memory for "
            f"{most}. Shorten the prompt, ask for fewer tokens, or raise ENGINE_KV_BUDGET."
        )


class QueryFailed(EngineError):
    """A question about a prompt was taken on and could not be answered."""


class EngineClosed(EngineError):
    """The engine is not running, so nobody would answer."""

    def __init__(
        self, why: str = "The engine is not running. Start it, or try again later."
    ) -> None:
        super().__init__(why)


class UpstreamFailed(EngineError):
    """Another server that should have answered did not."""


class UpstreamRefused(UpstreamFailed):
    """Another server must not be asked, or does not want to be; asking again would not help."""


class CheckpointError(EngineError):
    """A checkpoint cannot be loaded."""


class CheckpointNotFound(CheckpointError):
    """There is no checkpoint where one was named."""


class UnsafeCheckpoint(CheckpointError):
    """Loading the checkpoint could run code that came with it."""


class BrokenCheckpoint(CheckpointError):
    """The checkpoint is incomplete, truncated or not the one that was asked for."""


class UnsupportedModel(CheckpointError):
    """The architecture does not fit the slot memory of this engine."""


def first_sentence(error: BaseException) -> str:
    """What a foreign error says, without the advice and the addresses that follow."""
    return (str(error).strip() or type(error).__name__).splitlines()[0].split(". ")[0].rstrip(".")
