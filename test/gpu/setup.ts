// A setup file of every project with a GPU. In Chrome it is a module of its own, beside what tests import by the same name.
import './gpu_errors.ts';
