"""Finding mail by its words: what a word is, the index, and asking it. Which mail a person may see is the caller's."""
