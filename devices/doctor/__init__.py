"""``yihu doctor``: looks at what an administrator would look at, and says each in one sentence."""
