// A table on its way from a file to a layer: read by the server, described by a person, kept.
import { today } from './indicator-words.ts';

type Columns = Readonly<Record<string, string>>;

/** What every reading tells of the columns: which letter has which role. */
interface Read {
  readonly roles: Readonly<Record<string, string | undefined>>;
}

export class TableUpload<Table extends Read> {
  file: File | null = $state.raw(null);
  table: Table | null = $state.raw(null);
  reading = $state(false);
  failed: unknown = $state.raw();
  /** Letters that somebody chose for roles. */
  columns: Columns = $state.raw({});

  name = $state('');
  note = $state('');
  source = $state('');
  date = $state(today());
  unit = $state('');
  isPublic = $state(false);
  saving = $state(false);
  unsaved: unknown = $state.raw();

  readonly #ask: (file: File, columns: Columns) => Promise<Table>;

  constructor(mayAdd: readonly string[], ask: (file: File, columns: Columns) => Promise<Table>) {
    this.unit = mayAdd[0] ?? '';
    this.#ask = ask;
  }

  /** Another file, whose columns nobody has chosen yet. */
  async open(file: File): Promise<void> {
    this.file = file;
    this.columns = {};
    await this.again();
    if (this.table && this.name === '') this.name = file.name.replace(/\.[^.]+$/, '').slice(0, 100);
  }

  /** Reads the same file under what was chosen since. */
  async again(): Promise<void> {
    const { file } = this;
    if (!file) return;
    this.reading = true;
    this.failed = undefined;
    try {
      this.table = await this.#ask(file, this.columns);
    } catch (error) {
      this.table = null;
      this.failed = error;
    }
    this.reading = false;
  }

  chooseColumn(role: string, letter: string): void {
    const all = { ...this.table?.roles, ...this.columns, [role]: letter };
    const named = Object.entries(all).filter((entry): entry is [string, string] => Boolean(entry[1]));
    this.columns = Object.fromEntries(named);
  }

  /** Keeps the layer; what does not work is told, and nothing of what was said is lost. */
  async save(keep: () => Promise<void>): Promise<void> {
    this.saving = true;
    this.unsaved = undefined;
    try {
      await keep();
    } catch (error) {
      this.unsaved = error;
    }
    this.saving = false;
  }
}
