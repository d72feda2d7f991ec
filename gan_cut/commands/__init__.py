"""The commands of `python -m gan_cut`: for each, its options (`add_…`) and its work (`run_…`).

`training` makes runs, and `description` says in run.json how; `choosing` turns a run into
published weights; `dream` and `style` are for networks of those kinds; `painting` uses any
generator, `painter` none.  What several of them need is in `options`.
"""
