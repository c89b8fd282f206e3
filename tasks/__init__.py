"""任务。Tasks carry: the steps of the phases; batch, retry and witness what processes do."""
