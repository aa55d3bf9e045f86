// Runs before the first paint, so that no page flashes in the wrong colours.
(function () {
  var chosen = null;
  try {
    chosen = localStorage.getItem('courierx-theme');
  } catch {
    // No storage: the system's choice.
  }
  var isDark =
    chosen === 'dark' || (chosen !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
  document.documentElement.classList.toggle('dark', isDark);
})();
