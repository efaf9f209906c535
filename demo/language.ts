// The page speaks English, so its numbers do too, whatever the browser's language: uPlot formats by navigator.language,
// which it reads when it is loaded. And Chrome under LANG=C calls its language `en-US@posix`, which Intl refuses:
// nothing of the page would run. A script of its own in index.html, because package.json says that imports have no
// side effects.
Object.defineProperty(navigator, 'language', { value: 'en' });
