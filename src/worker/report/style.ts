/** The page's style. It must fit small and large screens, light and dark ones, and paper. */
export const style = `
:root {
  color-scheme: light dark;
  --page: #f7f7f5; --card: #ffffff; --sunk: #f1f1ee; --line: #deded9; --text: #1c1e21; --soft: #5d6167; --link: #0b57b5;
  --ok: #146c37; --ok-back: #e2f4e8; --bad: #b42318; --bad-back: #fdecea; --wait: #8a5a00; --wait-back: #fdf3dc;
  --planner: #3f78c9; --implementer: #d07f1e; --tester: #2b9a8b; --reviewer: #8b62bd; --other: #8a8f96;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #131417; --card: #1b1d21; --sunk: #23262b; --line: #34383f; --text: #e7e8ea; --soft: #a2a8b0; --link: #7db4ff;
    --ok: #6fd497; --ok-back: #15321f; --bad: #ff9a8f; --bad-back: #3d1a17; --wait: #f0c064; --wait-back: #372a0d;
    --planner: #6fa3ee; --implementer: #e9a350; --tester: #55c3b3; --reviewer: #b594e3; --other: #7d838b;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; scroll-behavior: smooth; }
body {
  margin: 0 auto; padding: 1.5rem 1rem 4rem; max-width: 62rem; background: var(--page); color: var(--text);
  font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "DejaVu Sans", sans-serif;
  overflow-wrap: anywhere;
}
h1, h2, h3, p, ul, dl, dd, figure { margin: 0; padding: 0; }
h1 { font-size: 1.7rem; line-height: 1.2; letter-spacing: -0.01em; }
h2 { font-size: 1.15rem; margin: 2.25rem 0 0.75rem; }
h3 { font-size: 1rem; }
ul { list-style: none; }
a { color: var(--link); text-decoration: none; }
a:hover, a:focus-visible { text-decoration: underline; }
:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; border-radius: 4px; }
code, pre, .mono { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; font-size: 0.86em; }
pre {
  margin: 0; padding: 0.6rem 0.75rem; background: var(--sunk); border-radius: 6px; white-space: pre-wrap;
  max-height: 24rem; overflow: auto; tab-size: 4; line-height: 1.45;
}
.soft { color: var(--soft); }
.small { font-size: 0.875rem; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 10px; }
header .title { display: flex; flex-wrap: wrap; align-items: center; gap: 0.5rem 0.75rem; margin: 0.1rem 0 0.35rem; }
nav { display: flex; flex-wrap: wrap; gap: 0.25rem 1.1rem; margin-top: 1rem; }

.badge, .chip { display: inline-block; white-space: nowrap; border-radius: 999px; }
.badge { padding: 0.15rem 0.75rem; font-weight: 600; }
.chip { padding: 0.05rem 0.55rem; font-size: 0.8125rem; background: var(--sunk); color: var(--soft); }
.ok { background: var(--ok-back); color: var(--ok); }
.bad { background: var(--bad-back); color: var(--bad); }
.wait { background: var(--wait-back); color: var(--wait); }

.facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(8.5rem, 1fr)); gap: 0.75rem; margin-top: 1.25rem; }
.facts > div { padding: 0.7rem 0.9rem; }
.facts dt { font-size: 0.8125rem; color: var(--soft); }
.facts dd { font-size: 1.15rem; font-weight: 600; line-height: 1.3; font-variant-numeric: tabular-nums; }
.facts dd + dd { font-size: 0.8125rem; font-weight: 400; color: var(--soft); }

summary { cursor: pointer; list-style: none; }
summary::-webkit-details-marker { display: none; }
.iteration { margin-bottom: 0.5rem; content-visibility: auto; contain-intrinsic-size: auto 3.4rem; }
.iteration > summary {
  display: grid; grid-template-columns: 7.5rem minmax(0, 1fr) 9rem 4.75rem 4.75rem; align-items: center; gap: 0.75rem;
  padding: 0.65rem 0.9rem; border-radius: 10px;
}
.iteration > summary:hover { background: var(--sunk); }
.number::before, .more > summary::before {
  content: "›"; color: var(--soft); display: inline-block; width: 0.7em; margin-right: 0.4em; text-align: center;
}
.iteration[open] > summary .number::before, .more[open] > summary::before { transform: rotate(90deg); }
.iteration .number { font-weight: 600; white-space: nowrap; }
.iteration .figure { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; font-size: 0.875rem; color: var(--soft); }
.chips { display: flex; flex-wrap: wrap; gap: 0.3rem; }
.bar { display: block; width: 100%; height: 0.6rem; }
.bar .track { fill: var(--sunk); }
.planner { fill: var(--planner); background: var(--planner); }
.implementer { fill: var(--implementer); background: var(--implementer); }
.tester { fill: var(--tester); background: var(--tester); }
.reviewer { fill: var(--reviewer); background: var(--reviewer); }
.rest { fill: var(--other); background: var(--other); }
.legend { display: flex; flex-wrap: wrap; gap: 0.2rem 1rem; margin-bottom: 0.6rem; }
.legend i, .role h3 i { display: inline-block; width: 0.7em; height: 0.7em; border-radius: 3px; margin-right: 0.4em; }

.inside { padding: 0.25rem 0.9rem 0.9rem; border-top: 1px solid var(--line); }
.role { padding: 0.8rem 0; }
.role + .role { border-top: 1px solid var(--line); }
.role .head { display: flex; flex-wrap: wrap; align-items: baseline; gap: 0.15rem 0.9rem; }
.role .body { margin-top: 0.3rem; }
.role .body > * + * { margin-top: 0.5rem; }
.points { padding-left: 1.1rem; list-style: disc; }
.points li + li { margin-top: 0.2rem; }
.citations li { padding: 0.4rem 0; }
.citations li + li { border-top: 1px dashed var(--line); }
.citations pre { margin-top: 0.3rem; max-height: 10rem; }
.more > summary { color: var(--link); font-size: 0.9375rem; }
.more > :not(summary) { margin-top: 0.4rem; }
.notice { padding: 0.6rem 0.8rem; border-radius: 8px; }

.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: 0.9375rem; font-variant-numeric: tabular-nums; }
th, td { padding: 0.45rem 0.75rem; text-align: right; white-space: nowrap; }
th:first-child, td:first-child { text-align: left; }
td.wide { white-space: normal; min-width: 12rem; }
thead th { font-weight: 500; font-size: 0.8125rem; color: var(--soft); }
tbody tr { border-top: 1px solid var(--line); }
tbody tr.total { font-weight: 600; }
.tables { display: grid; gap: 0.75rem; }
.text td, .text th { text-align: left; }
.card + .small { margin-top: 0.5rem; }
.tables + .small { margin-top: 0.5rem; }
footer { margin-top: 3rem; }

@media (max-width: 44rem) {
  body { padding-top: 1rem; }
  h1 { font-size: 1.4rem; }
  .facts { grid-template-columns: 1fr 1fr; gap: 0.5rem; }
  .iteration > summary { grid-template-columns: 1fr auto auto; gap: 0.35rem 0.75rem; }
  .iteration .chips { grid-column: 1 / -1; grid-row: 2; padding-left: 1.1em; }
  .iteration .bar { grid-column: 1 / -1; grid-row: 3; }
  table { font-size: 0.875rem; }
  th, td { padding: 0.4rem 0.5rem; }
}
@media print {
  body { max-width: none; background: none; }
  nav { display: none; }
  pre { max-height: none; }
}
`
