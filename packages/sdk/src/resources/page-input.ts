/** Which page of a list. */
export type PageInput = {
  /** From 1. */
  page?: number | undefined;
  /** 1 to 100; default 25. */
  perPage?: number | undefined;
};
