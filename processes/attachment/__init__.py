"""附件。Attachments: the files that belong to an answer."""
