throw new Error('a bug in the worker file');
