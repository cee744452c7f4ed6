/**
 * The editor for policies: CodeMirror in a shadow root, because there it takes its styles as sheets of the page's own making
 * (`adoptedStyleSheets`) and not as elements, which the policy for browsers does not let pass. It comes with the page that needs it.
 */
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { bracketMatching, indentUnit, StreamLanguage, syntaxHighlighting } from "@codemirror/language";
import { EditorState, RangeSet, StateEffect, StateField } from "@codemirror/state";
import { Decoration, type DecorationSet, EditorView, gutterLineClass, GutterMarker, highlightActiveLine, keymap, lineNumbers } from "@codemirror/view";
import { cedar, colours } from "./cedar-language";

/** Something wrong, at a place counted from 1. */
export interface Fault {
  line: number;
  column: number;
  message: string;
}

const setFaults = StateEffect.define<readonly Fault[]>();

class Marker extends GutterMarker {
  override elementClass = "fault-number";
}
const MARKER = new Marker();

/** Underlined from its place to the end of the line, because only the place is known. */
function underlined(state: EditorState, faults: readonly Fault[]): DecorationSet {
  const ranges = faults.flatMap(({ line, column, message }) => {
    if (line < 1 || line > state.doc.lines) return [];
    const at = state.doc.line(line);
    const from = Math.min(at.from + Math.max(0, column - 1), Math.max(at.from, at.to - 1));
    return at.to > from ? [Decoration.mark({ class: "fault", attributes: { title: message } }).range(from, at.to)] : [];
  });
  return Decoration.set(ranges, true);
}

function numbered(state: EditorState, faults: readonly Fault[]): RangeSet<GutterMarker> {
  const lines = [...new Set(faults.map(({ line }) => line))].filter((line) => line >= 1 && line <= state.doc.lines);
  return RangeSet.of(lines.map((line) => MARKER.range(state.doc.line(line).from)), true);
}

interface Shown {
  marks: DecorationSet;
  numbers: RangeSet<GutterMarker>;
}

const shown = StateField.define<Shown>({
  create: () => ({ marks: Decoration.none, numbers: RangeSet.empty }),
  update(before, transaction) {
    for (const effect of transaction.effects) {
      if (effect.is(setFaults)) return { marks: underlined(transaction.state, effect.value), numbers: numbered(transaction.state, effect.value) };
    }
    return transaction.docChanged ? { marks: before.marks.map(transaction.changes), numbers: before.numbers.map(transaction.changes) } : before;
  },
  provide: (field) => [EditorView.decorations.from(field, ({ marks }) => marks), gutterLineClass.from(field, ({ numbers }) => numbers)],
});

const look = EditorView.theme({
  "&": { color: "var(--ink)", backgroundColor: "var(--paper)", fontSize: "0.875rem" },
  "&.cm-focused": { outline: "2px solid var(--sign)", outlineOffset: "1px" },
  ".cm-scroller": { fontFamily: "var(--mono)", lineHeight: "1.6", maxHeight: "34rem" },
  ".cm-content, .cm-gutter": { minHeight: "18rem" },
  ".cm-content": { caretColor: "var(--ink)", padding: "0.6rem 0" },
  ".cm-gutters": { backgroundColor: "var(--sunk)", color: "var(--quiet)", border: "0" },
  ".cm-activeLine, .cm-activeLineGutter": { backgroundColor: "color-mix(in srgb, var(--sign) 6%, transparent)" },
  ".cm-content ::selection": { backgroundColor: "color-mix(in srgb, var(--sign) 28%, transparent)" },
  ".cm-matchingBracket": { backgroundColor: "var(--sign-soft)" },
  ".fault": { textDecoration: "underline wavy var(--deny)", textUnderlineOffset: "0.25em" },
  ".fault-number": { color: "var(--deny)", fontWeight: "700" },
});

export interface CedarEditor {
  setText: (text: string) => void;
  setFaults: (faults: readonly Fault[]) => void;
  /** Puts the caret there. */
  goTo: (line: number, column: number) => void;
  destroy: () => void;
}

export function mount(host: HTMLElement, label: string, text: string, changed: (text: string) => void): CedarEditor {
  const root = host.shadowRoot ?? host.attachShadow({ mode: "open" });
  const view = new EditorView({
    root,
    parent: root,
    state: EditorState.create({
      doc: text,
      extensions: [
        lineNumbers(),
        history(),
        bracketMatching(),
        highlightActiveLine(),
        indentUnit.of("  "),
        StreamLanguage.define(cedar),
        syntaxHighlighting(colours),
        shown,
        look,
        // Tab leaves the field, as everywhere.
        keymap.of([...defaultKeymap, ...historyKeymap]),
        EditorView.lineWrapping,
        EditorView.contentAttributes.of({ "aria-label": label, spellcheck: "false" }),
        EditorView.updateListener.of((update) => {
          if (update.docChanged) changed(update.state.doc.toString());
        }),
      ],
    }),
  });
  return {
    setText(to) {
      if (to !== view.state.doc.toString()) view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: to } });
    },
    setFaults: (faults) => view.dispatch({ effects: setFaults.of(faults) }),
    goTo(line, column) {
      const at = view.state.doc.line(Math.min(Math.max(1, line), view.state.doc.lines));
      view.dispatch({ selection: { anchor: Math.min(at.to, at.from + Math.max(0, column - 1)) }, scrollIntoView: true });
      view.focus();
    },
    destroy: () => view.destroy(),
  };
}
