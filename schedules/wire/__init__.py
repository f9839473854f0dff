"""The contract between server and box: topics, messages, codec, signing.

The law of evolution, binding for everyone who edits a file of this folder:

1. A field may be added, with a default; it is never removed, renamed, or given another type, unit or meaning.
2. A reader ignores fields that it does not know. A writer never leaves out a field without a default.
3. A new kind of event may be added. A server that does not know it stores it as it came and counts nothing from it.
4. A closed list (rank, state, method) grows only together with a reader's fallback for the unknown value.
5. What cannot be said under 1 to 4 gets a new major version in the topic (`yj/v2/…`), served beside the old one.
6. Every message has a golden file in `tests/golden/wire`; a golden file is added, never edited.

Start with `messages.py`; who publishes what, and how often, stands in `topics.py`.
"""
