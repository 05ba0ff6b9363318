// Where the keyboard is: in a text, on a control that was reached by keyboard, or nowhere special.

import type { Pressed } from './keys';

/** How the focus was last moved: after a click, Enter belongs to the page, not to the button. */
let movedByKey = false;

if (typeof document !== 'undefined') {
  document.addEventListener('pointerdown', () => (movedByKey = false), true);
  document.addEventListener(
    'keydown',
    (event) => {
      if (event.key === 'Tab') movedByKey = true;
    },
    true,
  );
}

export function isTyping(element: Element | null): boolean {
  if (element instanceof HTMLTextAreaElement || element instanceof HTMLSelectElement) return true;
  if (element instanceof HTMLInputElement) return element.type !== 'checkbox';
  return element instanceof HTMLElement && element.isContentEditable;
}

export const focusIsTyping = (): boolean => isTyping(document.activeElement);

export function caught(event: KeyboardEvent): Pressed {
  const { activeElement } = document;
  // A row of the queue is where an operator stands: there Enter takes what is calling.
  const onRow = activeElement instanceof HTMLElement && activeElement.dataset['key'] !== undefined;
  const control = activeElement?.matches('button, a, summary') ?? false;
  return {
    key: event.key,
    modified: event.ctrlKey || event.altKey || event.metaKey || event.isComposing,
    repeated: event.repeat,
    typing: isTyping(activeElement),
    onControl: control && !onRow && movedByKey,
    onMap: activeElement?.matches('[role=application]') ?? false,
  };
}
