"""监视。Watch: whether the product keeps its promise, as rows alone tell it."""
