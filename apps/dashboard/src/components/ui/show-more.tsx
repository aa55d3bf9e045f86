import { Button } from './button.tsx';

export type More = {
  readonly hasNextPage: boolean;
  readonly isFetchingNextPage: boolean;
  fetchNextPage(): unknown;
};

/** The way to the next page of a list; nothing at its end. */
export function ShowMore({ list }: { readonly list: More }) {
  if (!list.hasNextPage) return null;
  return (
    <Button size="small" isBusy={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
      Show more
    </Button>
  );
}
