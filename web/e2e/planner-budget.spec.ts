// How long the planner waits: to open a community, from frame to frame while dragging, to save. The figures are
// printed; what fails is only what no busy machine explains.
import {
  addressOf,
  around,
  begin,
  between,
  dragTo,
  gridsOf,
  pixelOf,
  save,
  sharedCorner,
  signIn,
} from './planner-tools.ts';
import { expect, mapDrawn, test } from './test.ts';

test('opening, dragging and saving in a community of 240', async ({ page }) => {
  test.setTimeout(240_000);
  const community = '150702008011';
  const code = `${community}120`;
  const grids = await gridsOf(page, community);
  const view = around(grids.get(code), 15.3);
  await signIn(page, addressOf(code, view));
  await mapDrawn(page);
  const opened = Date.now();
  await begin(page);
  const opening = Date.now() - opened;

  const { place } = sharedCorner(grids, code);
  await dragTo(page, view, place, between(place, view.center, 0.1));
  await page.evaluate(() => {
    const frames: number[] = [];
    let last = performance.now();
    const tick = () => {
      const now = performance.now();
      frames.push(now - last);
      last = now;
      requestAnimationFrame(tick);
    };
    requestAnimationFrame(tick);
    Object.assign(window, { yizhanFrames: frames });
  });
  const [start, end] = [
    await pixelOf(page, view, between(place, view.center, 0.1)),
    await pixelOf(page, view, between(place, view.center, 0.4)),
  ];
  for (let round = 0; round < 4; round++) {
    await page.mouse.move(end.x, end.y, { steps: 25 });
    await page.mouse.move(start.x, start.y, { steps: 25 });
  }
  const frames = await page.evaluate(() => (window as unknown as { yizhanFrames: number[] }).yizhanFrames);
  await page.mouse.up();
  const began = Date.now();
  await save(page);
  const said = await page.getByText(/已保存 \d+ 处改动/).textContent();

  const sorted = frames.slice(1).sort((a, b) => a - b);
  const p95 = sorted[Math.floor(sorted.length * 0.95)] ?? 0;
  const shown = `${String(grids.size)} micro-grids: open ${String(opening)} ms; drag ${String(sorted.length)} frames, p50 ${String(Math.round(sorted[Math.floor(sorted.length / 2)] ?? 0))} ms, p95 ${String(Math.round(p95))} ms; save ${String(Date.now() - began)} ms with the click (${said ?? ''})`;
  console.log(shown);
  expect(sorted.length).toBeGreaterThan(20);
  expect(opening).toBeLessThan(20_000);
});
