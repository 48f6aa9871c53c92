// How long the planner waits: to open a community, from frame to frame while dragging, to save. The figures are
// printed, those of dragging beside what it costs on the same machine at the same time to drag the map itself; what fails is only what no busy machine explains.
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
  type Place,
  type View,
} from './planner-tools.ts';
import { expect, mapDrawn, test, type Page } from './test.ts';

interface Frames {
  count: number;
  p50: number;
  p95: number;
}

/** The frames of the page while the mouse goes to and fro between two places. */
async function framesOf(page: Page, view: View, [from, to]: readonly [Place, Place]): Promise<Frames> {
  await page.evaluate(() => {
    const frames: number[] = [];
    let last = performance.now();
    const tick = (now: number) => {
      frames.push(now - last);
      last = now;
      if (Reflect.get(window, 'yizhanFrames') === frames) requestAnimationFrame(tick);
    };
    Reflect.set(window, 'yizhanFrames', frames);
    requestAnimationFrame(tick);
  });
  const [start, end] = [await pixelOf(page, view, from), await pixelOf(page, view, to)];
  for (let round = 0; round < 2; round++) {
    await page.mouse.move(end.x, end.y, { steps: 25 });
    await page.mouse.move(start.x, start.y, { steps: 25 });
  }
  const frames = await page.evaluate(() => {
    const taken = Reflect.get(window, 'yizhanFrames') as number[];
    Reflect.deleteProperty(window, 'yizhanFrames');
    return taken;
  });
  const sorted = frames.slice(1).sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.floor(sorted.length * share)] ?? 0;
  return { count: sorted.length, p50: at(0.5), p95: at(0.95) };
}

const said = ({ count, p50, p95 }: Frames) =>
  `p50 ${p50.toFixed(0)} ms, p95 ${p95.toFixed(0)} ms (${String(count)} frames)`;

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
  await mapDrawn(page);

  // The floor: the map itself, dragged as far as the vertex will be.
  const { place } = sharedCorner(grids, code);
  const [start, end] = [between(place, view.center, 0.1), between(place, view.center, 0.4)];
  await page.mouse.move((await pixelOf(page, view, start)).x, (await pixelOf(page, view, start)).y);
  await page.mouse.down();
  const panned = await framesOf(page, view, [start, end]);
  await page.mouse.up();

  await dragTo(page, view, place, start);
  await expect(page.getByText(/\d 个微网格一起动/)).toBeVisible();
  const dragged = await framesOf(page, view, [start, end]);
  await page.mouse.up();
  const began = Date.now();
  await save(page);
  const saving = Date.now() - began;
  const server = await page.getByText(/已保存 \d+ 处改动/).textContent();

  console.log(
    [
      `${String(grids.size)} micro-grids: open ${String(opening)} ms, save ${String(saving)} ms with the click (${server ?? ''})`,
      `  map dragged:  ${said(panned)}`,
      `  vertex dragged: ${said(dragged)}, ${(dragged.p95 / panned.p95).toFixed(2)} times the map's p95`,
    ].join('\n'),
  );
  expect(dragged.count).toBeGreaterThan(20);
  expect(opening).toBeLessThan(20_000);
  // What is dragged is drawn over the map: it must not cost more than to draw the map again.
  expect(dragged.p50).toBeLessThan(3 * panned.p50);
});
