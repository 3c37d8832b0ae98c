"""Everything that a mail must not have, by name; and which of it makes the mail read two ways.

What reads two ways is not cleaned: it is content that we have not seen (RFC 7103;
draft-chen-email-mime-ambiguity-defense). Its readers differ: a set of 372 mails that hide an
attachment from one parser or another is published. Mail of ordinary clients has none of these.
"""

from __future__ import annotations

from detectors.report import Defect

STRUCTURAL = frozenset(
    {
        # Which field counts?
        "duplicate_content_type",
        "duplicate_content_transfer_encoding",
        "duplicate_content_disposition",
        "space_before_colon",  # "Content-Type : x" is a field to some and the body to others
        "leading_blank",  # a header that starts with a folded or an empty line
        "blank_fold",  # a line of blanks: end of the header, or a fold?
        "header_junk",  # a line that is no field: end of the header, or skipped?
        "control_character",
        "bare_cr",
        "bare_lf",
        # What type is it?
        "tree_type_invalid",  # "multipart" alone: a leaf, or parts?
        "comment_in_type",
        "encoded_word_in_type",
        "unclosed_quote",
        "multipart_parameter_junk",
        "boundary_without_multipart",
        # Where do its parts begin and end?
        "no_boundary",
        "duplicate_boundary",
        "boundary_encoded",  # RFC 2231 or encoded words in the boundary
        "boundary_blank",  # ends in a blank, or has one outside quotes
        "boundary_limit",
        "boundary_reused",
        "boundary_prefix",
        "no_parts",
        "missing_close",
        "delimiter_after_close",
        "hidden_in_preamble",
        "hidden_in_epilogue",
        # How is it encoded?
        "unknown_encoding",
        "comment_in_encoding",
        "encoded_multipart",
        "encoded_message",
        "base64_padding_inside",
        "qp_blank_after_soft_break",
        # Whole only together with something that is not here.
        "partial_message",
        "external_body",
        # What is it called?
        "names_disagree",  # in the kind of file they promise
        "name_bidi",  # U+202E: "fdp.exe" shows as "exe.pdf"
    }
)
HARMLESS = frozenset(
    {
        "mbox_line",
        "type_invalid",  # a leaf to every reader
        "same_field_twice",
        "comment",  # behind the type of a leaf
        "comment_in_disposition",
        "open_end",
        "parameter_junk",
        "names_differ",
        "space_before_other_colon",
        "base64_junk",  # its text is scanned as it stands, too
        "base64_truncated",
        "qp_invalid",
    }
)
"""Old and sloppy mailers do these, and all readers understand them alike."""

LIMITS = frozenset(
    {
        "nesting_limit",
        "parts_limit",
        "header_block_limit",
        "headers_limit",
        "header_limit",
        "params_limit",
        "encoded_words_limit",
    }
)
"""Not read to the end: the mail counts as uninspectable."""


def defect(code: str, part: str = "", offset: int = 0) -> Defect:
    """`offset` in octets of the raw message."""
    return Defect(code, part[:1_000], offset, code in STRUCTURAL)
