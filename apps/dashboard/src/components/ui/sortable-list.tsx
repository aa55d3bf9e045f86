import {
  closestCenter,
  DndContext,
  KeyboardSensor,
  PointerSensor,
  useSensor,
  useSensors,
  type Announcements,
  type DragEndEvent,
  type UniqueIdentifier,
} from '@dnd-kit/core';
import {
  arrayMove,
  SortableContext,
  sortableKeyboardCoordinates,
  useSortable,
  verticalListSortingStrategy,
} from '@dnd-kit/sortable';
import { GripVertical } from 'lucide-react';
import { useEffect, useState, type ReactNode } from 'react';
import { cn } from '../../lib/cn.ts';

type SortableListProps<T> = {
  readonly items: readonly T[];
  readonly idOf: (item: T) => string;
  /** Said of an item to those who can't see it move. */
  readonly nameOf: (item: T) => string;
  /** All items in their new order. */
  readonly onMove: (items: readonly T[]) => void;
  readonly className?: string;
  readonly children: (item: T, handle: ReactNode, index: number) => ReactNode;
};

/** The grip has to be dragged a little before it counts, so that a click is a click. */
const DRAG_PX = 4;

/** A list whose order is changed by dragging a grip, or from the keyboard. */
export function SortableList<T>(props: SortableListProps<T>) {
  const { items: given, idOf, nameOf, onMove, className, children } = props;
  // Until what is given is in the new order, too: else the moved one would jump back for a moment.
  const [dropped, setDropped] = useState<{ readonly of: readonly T[]; readonly items: T[] }>();
  const items = dropped?.of === given ? dropped.items : given;
  const sensors = useSensors(
    useSensor(PointerSensor, { activationConstraint: { distance: DRAG_PX } }),
    useSensor(KeyboardSensor, { coordinateGetter: sortableKeyboardCoordinates }),
  );
  const ids = items.map(idOf);
  useEffect(() => releaseEscape, []);
  const drop = ({ active, over }: DragEndEvent) => {
    releaseEscape();
    const from = ids.indexOf(String(active.id));
    const to = over === null ? -1 : ids.indexOf(String(over.id));
    if (from === -1 || to === -1 || from === to) return;
    const inOrder = arrayMove([...items], from, to);
    setDropped({ of: given, items: inOrder });
    onMove(inOrder);
  };
  return (
    <DndContext
      sensors={sensors}
      collisionDetection={closestCenter}
      onDragStart={holdEscape}
      onDragEnd={drop}
      onDragCancel={releaseEscape}
      accessibility={{
        announcements: announce(items.map((item) => ({ id: idOf(item), name: nameOf(item) }))),
        screenReaderInstructions: { draggable: INSTRUCTIONS },
      }}
    >
      <SortableContext items={ids} strategy={verticalListSortingStrategy}>
        <ol className={className}>
          {items.map((item, index) => (
            <Item key={idOf(item)} id={idOf(item)} name={nameOf(item)}>
              {(handle) => children(item, handle, index)}
            </Item>
          ))}
        </ol>
      </SortableContext>
    </DndContext>
  );
}

/** While something is dragged, Escape puts it back and does not close the dialog around the list. */
const holdEscape = () => window.addEventListener('keydown', preventEscape, true);
const releaseEscape = () => window.removeEventListener('keydown', preventEscape, true);

function preventEscape(event: KeyboardEvent) {
  if (event.key === 'Escape') event.preventDefault();
}

type ItemProps = {
  readonly id: string;
  readonly name: string;
  readonly children: (handle: ReactNode) => ReactNode;
};

function Item({ id, name, children }: ItemProps) {
  const sortable = useSortable({ id });
  const { attributes, listeners, setNodeRef, setActivatorNodeRef, transform, isDragging } =
    sortable;
  const handle = (
    <button
      type="button"
      ref={setActivatorNodeRef}
      className="-ml-1 flex size-8 shrink-0 cursor-grab touch-none items-center justify-center rounded-lg text-muted hover:bg-sunken hover:text-text active:cursor-grabbing"
      {...attributes}
      {...listeners}
      aria-label={`Move ${name}`}
    >
      <GripVertical className="size-4" aria-hidden />
    </button>
  );
  return (
    <li
      ref={setNodeRef}
      className={cn(isDragging && 'relative z-10 opacity-90 shadow-lg')}
      style={{
        transform:
          transform === null ? undefined : `translate3d(0, ${Math.round(transform.y)}px, 0)`,
        transition: sortable.transition,
      }}
    >
      {children(handle)}
    </li>
  );
}

const INSTRUCTIONS =
  'Press the space bar to pick it up, the arrow keys to move it, the space bar again to put it down, or Escape to leave it where it was.';

function announce(items: readonly { readonly id: string; readonly name: string }[]): Announcements {
  const nameOf = (id: UniqueIdentifier) => items.find((item) => item.id === id)?.name ?? '';
  const placeOf = (id: UniqueIdentifier) =>
    `place ${items.findIndex((item) => item.id === id) + 1} of ${items.length}`;
  return {
    onDragStart: ({ active }) => `Picked up ${nameOf(active.id)}, ${placeOf(active.id)}.`,
    onDragOver: ({ active, over }) =>
      over === null ? undefined : `${nameOf(active.id)} is at ${placeOf(over.id)}.`,
    onDragEnd: ({ active, over }) =>
      over === null
        ? `${nameOf(active.id)} stays where it was.`
        : `${nameOf(active.id)} was put down at ${placeOf(over.id)}.`,
    onDragCancel: ({ active }) => `${nameOf(active.id)} stays where it was.`,
  };
}
