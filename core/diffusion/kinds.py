"""What a model predicts, how its variance is chosen, and which loss trains it."""

from enum import Enum, auto


class ModelMeanType(Enum):
    """What the model's output stands for."""

    PREVIOUS_X = auto()
    START_X = auto()
    EPSILON = auto()


class ModelVarType(Enum):
    """Where the variance of a reverse step comes from.

    The learned kinds make the model return twice the channels on dimension 1.
    """

    LEARNED = auto()
    FIXED_SMALL = auto()
    FIXED_LARGE = auto()
    LEARNED_RANGE = auto()

    @property
    def learned(self) -> bool:
        """Whether the model predicts the variance too."""
        return self in (ModelVarType.LEARNED, ModelVarType.LEARNED_RANGE)


class LossType(Enum):
    """Mean squared error or variational bound; the rescaled kinds weigh the bound with T."""

    MSE = auto()
    RESCALED_MSE = auto()
    KL = auto()
    RESCALED_KL = auto()

    @property
    def is_vb(self) -> bool:
        """Whether the loss is the variational bound alone."""
        return self in (LossType.KL, LossType.RESCALED_KL)
