// A sheet of a report as one picture, with all that stands on the paper.
import type { Sheet } from './sheets.ts';

/** The words of a sheet. */
export interface SheetWords {
  readonly title: string;
  readonly subtitle: string;
  readonly legendTitle: string;
  readonly legend: readonly string[];
  /** What the colours of a class stand for, where there are several. */
  readonly fading: { readonly of: string; readonly labels: readonly string[] };
  /** What a hatched unit means. */
  readonly none: string;
  /** What the marks of stations are: those there are, and those of a scenario where there are some. */
  readonly signs: readonly string[];
  /** What a scenario does, and what stands above that. */
  readonly done: readonly string[];
  readonly doneTitle: string;
  readonly scale: string;
  /** How wide the scale bar is, in pixels of the map's picture. */
  readonly scalePixels: number;
  readonly notes: readonly string[];
}

const margin = 48;
const side = 520;
const face = "'Noto Sans CJK SC', 'WenQuanYi Micro Hei', 'Microsoft YaHei', 'PingFang SC', sans-serif";

export function pictureOfSheet(sheet: Sheet, words: SheetWords): HTMLCanvasElement {
  const { width, height } = sheet.picture;
  const canvas = document.createElement('canvas');
  canvas.width = width + side + 3 * margin;
  canvas.height = height + 150 + 2 * margin + 34 * words.notes.length;
  const pen = canvas.getContext('2d');
  if (!pen) return canvas;
  pen.fillStyle = '#ffffff';
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.fillStyle = '#12201e';
  pen.textBaseline = 'top';
  write(pen, words.title, [margin, margin], 44);
  write(pen, words.subtitle, [margin, margin + 62], 28);
  pen.drawImage(sheet.picture, margin, margin + 120);
  drawLegend(pen, sheet, words, [width + 2 * margin, margin + 120]);
  drawNone(pen, sheet, words, [width + 2 * margin, margin + 120]);
  drawSigns(pen, words, [
    width + 2 * margin,
    margin + 120 + roomOf(sheet).top + 48 * (sheet.ramp.length + 1),
  ]);
  drawScale(pen, words, [width + 2 * margin, margin + height + 60]);
  words.notes.forEach((note, line) => {
    write(pen, note, [margin, margin + height + 150 + 34 * line], 22, canvas.width - 2 * margin);
  });
  return canvas;
}

type At = readonly [x: number, y: number];

function write(pen: CanvasRenderingContext2D, text: string, [x, y]: At, size: number, most?: number): void {
  pen.font = `${String(size)}px ${face}`;
  pen.fillText(text, x, y, most);
}

const swatch = 48;

/** How far the classes begin below the title, and their words beside it: there is a line and room for several tints. */
function roomOf({ tints }: Sheet): { top: number; left: number } {
  const most = Math.max(1, ...tints.map((one) => one.length));
  return { top: most > 1 ? 92 : 56, left: swatch * most + 16 };
}

function drawLegend(pen: CanvasRenderingContext2D, sheet: Sheet, words: SheetWords, [x, y]: At): void {
  write(pen, words.legendTitle, [x, y], 26, side);
  const room = roomOf(sheet);
  if (room.top > 56) {
    words.fading.labels.forEach((label, at) => {
      write(pen, label, [x + swatch * at + 6, y + 52], 20);
    });
    write(pen, words.fading.of, [x + room.left, y + 52], 20, side - room.left);
  }
  sheet.tints.forEach((tints, index) => {
    const top = y + room.top + 48 * index;
    tints.forEach((tint, at) => {
      pen.fillStyle = tint;
      pen.fillRect(x + swatch * at, top, swatch, 32);
    });
    pen.strokeStyle = '#73847f';
    pen.strokeRect(x, top, swatch * tints.length, 32);
    pen.fillStyle = '#12201e';
    write(pen, words.legend[index] ?? '', [x + room.left, top + 4], 24, side - room.left - 96);
    pen.textAlign = 'right';
    write(pen, String(sheet.counts[index] ?? 0), [x + side, top + 4], 24);
    pen.textAlign = 'left';
  });
}

function drawNone(pen: CanvasRenderingContext2D, sheet: Sheet, words: SheetWords, [x, y]: At): void {
  if (sheet.none === null) return;
  const top = y + roomOf(sheet).top + 48 * sheet.ramp.length;
  pen.strokeRect(x, top, 48, 32);
  for (let line = 0; line < 48; line += 12) {
    pen.beginPath();
    pen.moveTo(x + line, top + 32);
    pen.lineTo(Math.min(x + 48, x + line + 32), Math.max(top, top + 32 - (48 - line)));
    pen.stroke();
  }
  write(pen, words.none, [x + 64, top + 4], 24, side - 160);
  pen.textAlign = 'right';
  write(pen, String(sheet.none), [x + side, top + 4], 24);
  pen.textAlign = 'left';
}

const signLine = 40;
const mostDone = 12;

/** Of stations filled, of those that a scenario adds hollow, as on the map; then what the scenario does. */
function drawSigns(pen: CanvasRenderingContext2D, words: SheetWords, [x, y]: At): void {
  words.signs.forEach((sign, index) => {
    const top = y + signLine * index;
    pen.beginPath();
    pen.arc(x + 24, top + 14, 13, 0, 2 * Math.PI);
    pen.fillStyle = index === 0 ? '#075e59' : '#ffffff';
    pen.fill();
    pen.lineWidth = 4;
    pen.strokeStyle = '#075e59';
    pen.stroke();
    pen.lineWidth = 1;
    pen.fillStyle = '#12201e';
    write(pen, sign, [x + 64, top], 24, side - 64);
  });
  if (words.done.length === 0) return;
  const top = y + signLine * words.signs.length + 24;
  [words.doneTitle, ...words.done.slice(0, mostDone)].forEach((line, index) => {
    write(pen, line, [x, top + 34 * index], index === 0 ? 26 : 22, side);
  });
}

function drawScale(pen: CanvasRenderingContext2D, { scale, scalePixels }: SheetWords, [x, y]: At): void {
  write(pen, scale, [x, y - 12], 24);
  pen.lineWidth = 4;
  pen.strokeStyle = '#12201e';
  pen.beginPath();
  pen.moveTo(x, y + 26);
  pen.lineTo(x, y + 40);
  pen.lineTo(x + scalePixels, y + 40);
  pen.lineTo(x + scalePixels, y + 26);
  pen.stroke();
  pen.lineWidth = 1;
}

/** Gives the picture to the reader as a file. */
export function download(canvas: HTMLCanvasElement, name: string): void {
  canvas.toBlob((blob) => {
    if (!blob) return;
    const link = document.createElement('a');
    link.href = URL.createObjectURL(blob);
    link.download = name;
    link.click();
    setTimeout(() => {
      URL.revokeObjectURL(link.href);
    }, 10_000);
  }, 'image/png');
}
