// A setup file of every project with a GPU. In Chrome it is a separate module instance from the one that tests import by the same name.
import './gpu_errors.ts';
