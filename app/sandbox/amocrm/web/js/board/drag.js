/**
 * Native drag and drop between columns. `onDrop(leadId, statusId)` hears of a drop into another column.
 * Touch and keyboard use the tile's own "move to…" menu.
 */
export function makeDraggable(board, onDrop) {
  let leadId = 0;
  board.addEventListener('dragstart', (event) => {
    const item = event.target.closest?.('li[data-lead]');
    if (!item) return;
    leadId = Number(item.dataset.lead);
    event.dataTransfer.effectAllowed = 'move';
    event.dataTransfer.setData('text/plain', String(leadId));
    item.firstChild.classList.add('tile--dragged');
  });
  board.addEventListener('dragover', (event) => {
    const column = event.target.closest('.column');
    if (!column || !leadId) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = 'move';
    mark(board, column);
    scrollAtEdge(board, event.clientX);
  });
  board.addEventListener('drop', (event) => {
    const column = event.target.closest('.column');
    if (!column || !leadId) return;
    event.preventDefault();
    const moved = leadId;
    end();
    onDrop(moved, Number(column.dataset.status));
  });
  board.addEventListener('dragend', end);

  function end() {
    leadId = 0;
    mark(board, null);
    board.querySelector('.tile--dragged')?.classList.remove('tile--dragged');
  }
}

function mark(board, column) {
  const marked = board.querySelector('.column--over');
  if (marked === column) return;
  marked?.classList.remove('column--over');
  column?.classList.add('column--over');
}

const EDGE = 70;
const STEP = 18;

function scrollAtEdge(board, x) {
  const box = board.getBoundingClientRect();
  if (x < box.left + EDGE) board.scrollLeft -= STEP;
  if (x > box.right - EDGE) board.scrollLeft += STEP;
}
