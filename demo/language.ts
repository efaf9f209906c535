// The page's language: what ?lang= asks for, else the browser's. uPlot formats numbers by navigator.language, which it reads
// when it is loaded; and Chrome under LANG=C calls its language `en-US@posix`, which Intl refuses: nothing of the page
// would run. A script of its own in index.html, because package.json declares that imports have no side effects.
const wanted = new URLSearchParams(location.search).get('lang') ?? navigator.language;
document.documentElement.lang = wanted.startsWith('pt') ? 'pt-BR' : 'en';
Object.defineProperty(navigator, 'language', { value: document.documentElement.lang });
