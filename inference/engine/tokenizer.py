"""Between conversations, token ids and text; what a reader types never becomes a control token."""

import codecs
import json
import threading
import uuid
from collections.abc import Sequence
from typing import Any

import jinja2
from tokenizers import pre_tokenizers
from transformers import PreTrainedTokenizerBase
