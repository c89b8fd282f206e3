"""审批页。What pages say about documents to be approved."""
